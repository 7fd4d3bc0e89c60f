"""The local QuickSight: its API, SPICE filled from the local Athena, and pages that draw dashboards."""
