"""The embedded AWS: one process, one port, real protocols, state in a folder (`python -m local_aws`)."""
