"""CloudWatch Logs as the local AWS does it better than MiniStack: filter patterns, metric filters, FilterLogEvents."""
