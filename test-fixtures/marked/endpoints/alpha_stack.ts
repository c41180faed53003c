// The instance type stands in a class, comes from the caller, or is a member of an enumeration.
import * as sagemaker from '@aws-cdk/aws-sagemaker-alpha';
import { App, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

interface Props extends StackProps {
  readonly model: string;
  readonly machine: string;
}

export class Ner extends Stack {
  constructor(scope: Construct, id: string, props: Props) {
    super(scope, id, props);
    const image = sagemaker.ContainerImage.fromDlc('huggingface-pytorch-inference', '2.1');
    const model = new sagemaker.Model(this, 'Model', {
      containers: [{ image, environment: { HF_MODEL_ID: props.model } }],
    });
    new sagemaker.EndpointConfig(this, 'Enumerated', { // ~ always-on-endpoint
      instanceProductionVariants: [
        { model, variantName: 'main', initialInstanceCount: 1, instanceType: sagemaker.InstanceType.P3_2XLARGE }, // ~ oversized-instance
      ],
    });
    new sagemaker.EndpointConfig(this, 'Handed', { // ~ always-on-endpoint
      instanceProductionVariants: [
        { model, variantName: 'main', initialInstanceCount: 1, instanceType: new sagemaker.InstanceType(props.machine) },
      ],
    });
  }
}

new Ner(new App(), 'Ner', { model: 'dslim/bert-base-NER', machine: 'ml.g4dn.xlarge' });
