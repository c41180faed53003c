"""Variants as arguments' classes, built elsewhere."""
import pulumi_aws as aws

variants = [
    aws.sagemaker.EndpointConfigurationProductionVariantArgs(
        model_name="ner", variant_name="main", initial_instance_count=1, instance_type="ml.m5.large"
    )
]
config = aws.sagemaker.EndpointConfiguration("ner", production_variants=variants)  # ~ always-on-endpoint
