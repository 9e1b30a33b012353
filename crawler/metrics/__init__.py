"""What Prometheus is told: the figures of a crawl, as a file or over HTTP. Needs the extra `metrics`.

Only `text.py` knows prometheus_client; whoever has figures to tell makes a `Metric` (metric.py) of them.
"""
