"""A stack of SageMaker, and one of a table, each with an environment of its own."""
import aws_cdk as cdk
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_sagemaker as sagemaker


class Training(cdk.Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        sagemaker.CfnNotebookInstance(self, "Notebook", instance_type="ml.t3.medium", role_arn="role")


class Table(cdk.Stack):
    def __init__(self, scope, id, **kwargs):
        super().__init__(scope, id, **kwargs)
        dynamodb.Table(self, "Table", partition_key=dynamodb.Attribute(name="id", type=dynamodb.AttributeType.STRING))


app = cdk.App()
HOME = cdk.Environment(account="123456789012", region="us-west-1")  # ~ high-carbon-region
Table(app, "Table", env=cdk.Environment(region="us-east-1"))
Training(app, "Training", env=HOME)
Training(app, "Far", env=cdk.Environment(region="eu-north-1"))
Training(app, "East", env=cdk.Environment(region="eu-south-1"))  # ~ high-carbon-region
