// A provider is judged by what is made with it.
import * as aws from '@pulumi/aws';

const virginia = new aws.Provider('virginia', { region: 'us-east-1' });
const ireland = new aws.Provider('ireland', { region: 'eu-west-1' }); // ~ high-carbon-region
const ohio = new aws.Provider('ohio', { region: 'us-east-2' });
export const certificate = new aws.acm.Certificate('site', { domainName: 'example.org' }, { provider: virginia });
export const bucket = new aws.s3.Bucket('data', {}, { provider: ohio });
export const trainer = new aws.ec2.Instance('trainer', { ami: 'ami-1', instanceType: 'p3.2xlarge' }, { provider: ireland });
