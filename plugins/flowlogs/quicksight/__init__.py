"""What QuickSight shall hold: data source, data sets, analysis, dashboard, from the settings and `include/quicksight/`.

Nothing here calls AWS or Airflow: `wanted.py` says what there shall be, `flowlogs.quicksight_setup` makes it so.
"""
