"""The pages of the local QuickSight: dashboards drawn from their definitions and the rows in SPICE."""
