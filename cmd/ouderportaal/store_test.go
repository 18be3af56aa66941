package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/configs"
)

// The setting is an address with a scheme; the client of the bucket wants the host, and to be told whether to encrypt.
func TestABucketIsOpenedByItsAddress(t *testing.T) {
	for endpoint, secure := range map[string]bool{"http://minio:9000": false, "https://s3.example.nl": true} {
		bucket := configs.S3{Endpoint: endpoint, Region: "us-east-1", Bucket: "photos", AccessKey: "key", SecretKey: "secret"}
		_, err := openStore(configs.Config{S3: bucket})
		require.NoError(t, err, endpoint)
		opened, err := bucketOf(bucket)
		require.NoError(t, err)
		require.Equal(t, secure, opened.Secure, endpoint)
	}
}
