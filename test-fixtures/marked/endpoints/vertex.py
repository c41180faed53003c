"""Vertex AI keeps at least one replica unless it is told otherwise; those that follow the load are left alone."""
from google.cloud import aiplatform

model = aiplatform.Model("projects/1/locations/europe-west9/models/2")
endpoint = aiplatform.Endpoint.create(display_name="ner")

endpoint.deploy(model, machine_type="n1-standard-4", min_replica_count=0, max_replica_count=1)
endpoint.deploy(model, machine_type="n1-standard-4", max_replica_count=3)
endpoint.deploy(model, machine_type="n1-standard-4", min_replica_count=2, max_replica_count=2)  # ~ always-on-endpoint
model.deploy(endpoint=endpoint, machine_type="n1-standard-4")  # ~ always-on-endpoint
