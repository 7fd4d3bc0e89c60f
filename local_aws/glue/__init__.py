"""The Glue Data Catalog of the local AWS: the catalog itself (catalog.py) and the Glue API over it (api.py)."""
