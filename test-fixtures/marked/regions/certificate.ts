// A certificate for CloudFront must be in us-east-1; a comparison and a test place nothing.
import * as aws from '@pulumi/aws';

const east = new aws.Provider('east', { region: 'us-east-1' });
export const certificate = new aws.acm.Certificate('site', { domainName: 'example.org', validationMethod: 'DNS' }, { provider: east });
export const isVirginia = aws.config.region === 'us-east-1';
