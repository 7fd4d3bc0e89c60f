"""What leaves the local AWS for people: e-mails and Slack messages, kept in a folder and shown on a page."""
