"""Looking at alarms and what they hang on, through AWS's APIs, with few calls."""
