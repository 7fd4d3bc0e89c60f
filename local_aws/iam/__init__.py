"""IAM in front of the local AWS: what a request asks for, enforced by MiniStack's evaluator, and remembered."""
