"""Slack's incoming webhooks as the local AWS has them: what Slack takes, and about what it shows."""
