// What the bundle of the real packages offers to the page of a test.

export { default as AwsS3 } from "@uppy/aws-s3";
export { default as Uppy } from "@uppy/core";
