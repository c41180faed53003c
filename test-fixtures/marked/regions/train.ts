import { CreateTrainingJobCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';

const client = new SageMakerClient({ region: 'ap-south-1' }); // ~ high-carbon-region
const near = new SageMakerClient({ region: 'eu-north-1' });
const set = new SageMakerClient({ region: process.env.AWS_REGION });

export async function train(input: ConstructorParameters<typeof CreateTrainingJobCommand>[0]) {
  await near.send(new CreateTrainingJobCommand(input));
  await set.send(new CreateTrainingJobCommand(input));
  return client.send(new CreateTrainingJobCommand(input));
}
