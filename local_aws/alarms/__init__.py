"""CloudWatch alarms as the local AWS evaluates them: as time passes, with missing data, M of N, actions, history."""
