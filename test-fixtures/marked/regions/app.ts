// Two stacks share one constant; the certificate's must be in Virginia; the web site holds no model.
import { App } from 'aws-cdk-lib';
import { Certificates, Chat, Detector, Site } from './stacks.ts';

const account = '123456789012';
const REGION = 'us-east-1';
const europe = { account, region: 'eu-central-1' }; // ~ high-carbon-region
const app = new App();

new Certificates(app, 'Certificates', { env: { account, region: 'us-east-2' } });
new Site(app, 'Site', { env: { account, region: 'ap-south-1' } });
new Chat(app, 'Chat', { env: { account, region: REGION } }); // ~ high-carbon-region
new Detector(app, 'Detector', { env: europe });
new Detector(app, 'Local', { env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION } });
