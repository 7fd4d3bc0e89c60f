"""Hooks: connections to AWS as the flow log pipeline uses them."""
