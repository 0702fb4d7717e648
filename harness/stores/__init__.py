"""What lives in a service: connections and data, no processes. The only home of boto3 and psycopg."""
