package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strings"
	"time"

	"ouderportaal/internal/blob"
)

// signedGet is a whole GET for an object, signed in its address as S3 prescribes (signature version 4) and good for an hour.
func signedGet(c blob.S3Config, key string, at time.Time) []byte {
	stamp, day := at.UTC().Format("20060102T150405Z"), at.UTC().Format("20060102")
	scope := day + "/us-east-1/s3/aws4_request"
	query := strings.Join([]string{
		"X-Amz-Algorithm=AWS4-HMAC-SHA256", "X-Amz-Credential=" + url.QueryEscape(c.AccessKey+"/"+scope), "X-Amz-Date=" + stamp, "X-Amz-Expires=3600", "X-Amz-SignedHeaders=host",
	}, "&")
	path := "/" + c.Bucket + "/" + key
	asked := sha256.Sum256([]byte(strings.Join([]string{"GET", path, query, "host:" + c.Endpoint + "\n", "host", "UNSIGNED-PAYLOAD"}, "\n")))
	secret := []byte("AWS4" + c.SecretKey)
	for part := range strings.SplitSeq(scope, "/") {
		secret = sign(secret, part)
	}
	signature := sign(secret, strings.Join([]string{"AWS4-HMAC-SHA256", stamp, scope, hex.EncodeToString(asked[:])}, "\n"))
	return []byte("GET " + path + "?" + query + "&X-Amz-Signature=" + hex.EncodeToString(signature) + " HTTP/1.1\r\nHost: " + c.Endpoint + "\r\n\r\n")
}

func sign(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}
