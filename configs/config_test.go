package configs_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/configs"
)

// whole is an environment that every command can start with.
func whole() map[string]string {
	return map[string]string{
		"BASE_DOMAIN": "ouderportaal.example", "DATABASE_URL": "postgres://app:geheim1@db/portaal", "DATABASE_RELAY_URL": "postgres://relay:geheim2@db/portaal",
		"DATABASE_PLATFORM_URL": "postgres://platform:geheim3@db/portaal", "DATABASE_OWNER_URL": "postgres://owner:geheim4@db/portaal", "REDIS_URL": "rediss://:geheim5@redis:6379/0",
		"S3_ENDPOINT": "https://s3.example", "S3_BUCKET": "photos", "S3_ACCESS_KEY": "geheim6", "S3_SECRET_KEY": "geheim7",
		"SMTP_URL": "smtp://u:geheim8@smtp.example:587", "MAIL_FROM": "noreply@ouderportaal.example", "IMAGES_PROGRAM": "/usr/bin/ouderportaal-images",
		"LINK_KEYS": strings.Repeat("0f", 32), "PUSH_KEYS": strings.Repeat("0e", 32), "PUSH_CONTACT": "mailto:beheer@ouderportaal.example",
	}
}

func environ(values map[string]string) (all []string) {
	for name, value := range values {
		all = append(all, name+"="+value)
	}
	return all
}

var commands = []configs.Command{configs.Serve, configs.Work, configs.Migrate, configs.Tenant}

func TestWholeEnvironment(t *testing.T) {
	for _, command := range commands {
		_, err := configs.Load(environ(whole()), command)
		require.NoError(t, err, command)
	}
	config, err := configs.Load(environ(whole()), configs.Work)
	require.NoError(t, err)
	require.Equal(t, "smtp://u:geheim8@smtp.example:587", config.SMTPURL.Reveal())
	require.Equal(t, "127.0.0.1:9090", config.OpsAddr, "metrics are not public unless somebody says so")
	require.Equal(t, "https://x.ouderportaal.example", config.Origin("x.ouderportaal.example"))
	require.Empty(t, config.DatabaseOwnerURL, "a worker does not even hold the owner's password")
}

func TestNothingIsHalfConfigured(t *testing.T) {
	needed := map[configs.Command]string{
		configs.Serve:   "BASE_DOMAIN DATABASE_URL LINK_KEYS REDIS_URL S3_ENDPOINT",
		configs.Work:    "BASE_DOMAIN DATABASE_RELAY_URL DATABASE_URL IMAGES_PROGRAM LINK_KEYS MAIL_FROM REDIS_URL S3_ENDPOINT SMTP_URL",
		configs.Migrate: "DATABASE_OWNER_URL DATABASE_PLATFORM_URL DATABASE_RELAY_URL DATABASE_URL",
		configs.Tenant:  "BASE_DOMAIN DATABASE_PLATFORM_URL",
	}
	for command, names := range needed {
		_, err := configs.Load(nil, command)
		require.Equal(t, names, strings.Join(named(err), " "), command)
	}
	for name := range whole() {
		values := whole()
		delete(values, name)
		failed := 0
		for _, command := range commands {
			if _, err := configs.Load(environ(values), command); err != nil {
				require.Contains(t, named(err), name)
				failed++
			}
		}
		require.NotZero(t, failed, "%s is needed by no command", name)
	}
}

func named(err error) (names []string) {
	if err == nil {
		return nil
	}
	for _, found := range regexp.MustCompile(`(?m)^  ([A-Z0-9_]+): `).FindAllStringSubmatch(err.Error(), -1) {
		names = append(names, found[1])
	}
	return names
}

func TestWrongValuesAreNamedAndNotRepeated(t *testing.T) {
	for _, wrong := range []string{
		"BASE_DOMAIN=Ouderportaal.nl", "BASE_DOMAIN=a.example:80", "BASE_DOMAIN=.example", "BASE_DOMAIN=a.example.", "BASE_DOMAIN=a_b.example", "BASE_DOMAIN=a..example", "BASE_DOMAIN=-a.example", "BASE_DOMAIN=a-.example", "BASE_DOMAIN=a b.example",
		"BASE_DOMAIN=" + strings.Repeat("a", 64) + ".example", "BASE_DOMAIN=" + strings.Repeat("a.", 90) + "example", "PUBLIC_SCHEME=http", "PUBLIC_SCHEME=ftp",
		"PUBLIC_PORT=geheim", "PUBLIC_PORT=70000", "LISTEN_ADDR=geheim", "OPS_ADDR=127.0.0.1:8080", "OPS_PROFILE=geheim", "TRUSTED_PROXIES=0.0.0.0/0", "TRUSTED_PROXIES=10.0.0.1,geheim", "TRUSTED_PROXIES=::/0",
		"DATABASE_URL=mysql://geheim@x/y", "DATABASE_URL=postgres://db/geheim", "DATABASE_URL=host=geheim", "DATABASE_URL=postgres://a:geheim%zz@db/x", "REDIS_URL=geheim:6379",
		"MEDIA_DIR=/var/media", "S3_ENDPOINT=s3.geheim", "S3_ENDPOINT=https://geheim:x@s3.example", "SMTP_URL=https://geheim", "MAIL_FROM=Naam <geheim@x.example>", "LOG_LEVEL=geheim",
	} {
		name, value, _ := strings.Cut(wrong, "=")
		values := whole()
		values[name] = value
		_, err := configs.Load(environ(values), configs.Work)
		require.Equal(t, []string{name}, named(err), wrong)
		require.NotContains(t, err.Error(), "geheim")
	}
	values := whole()
	for _, name := range []string{"S3_ENDPOINT", "S3_BUCKET", "S3_ACCESS_KEY", "S3_SECRET_KEY"} {
		delete(values, name)
	}
	values["MEDIA_DIR"] = "data/media"
	_, err := configs.Load(environ(values), configs.Serve)
	require.ErrorContains(t, err, "MEDIA_DIR: not an absolute path")
}

func TestPushIsWholeOrNotThere(t *testing.T) {
	config, err := configs.Load(environ(whole()), configs.Serve)
	require.NoError(t, err)
	require.Len(t, config.Push.Keys, 1)
	require.Equal(t, "mailto:beheer@ouderportaal.example", config.Push.Contact)
	values := whole()
	delete(values, "PUSH_KEYS")
	delete(values, "PUSH_CONTACT")
	config, err = configs.Load(environ(values), configs.Work)
	require.NoError(t, err)
	require.Zero(t, config.Push)

	for wrong, name := range map[string]string{
		"PUSH_KEYS=": "PUSH_KEYS", "PUSH_CONTACT=": "PUSH_CONTACT", "PUSH_KEYS=geheim": "PUSH_KEYS", "PUSH_KEYS=" + strings.Repeat("00", 32): "PUSH_KEYS", "PUSH_KEYS=" + strings.Repeat("0e", 33): "PUSH_KEYS",
		"PUSH_CONTACT=geheim@x.example": "PUSH_CONTACT", "PUSH_CONTACT=mailto:geheim": "PUSH_CONTACT", "PUSH_CONTACT=http://geheim.example": "PUSH_CONTACT",
		"PUSH_SINK=https://127.0.0.1:4433": "PUSH_SINK", "PUSH_SINK_CA=/geheim.pem": "PUSH_SINK",
	} {
		set, value, _ := strings.Cut(wrong, "=")
		values := whole()
		values[set] = value
		_, err := configs.Load(environ(values), configs.Work)
		require.Equal(t, []string{name}, named(err), wrong)
		require.NotContains(t, err.Error(), "geheim")
	}
	values = whole()
	values["BASE_DOMAIN"], values["PUSH_SINK"] = "ouderportaal.localhost", "https://127.0.0.1:4433"
	_, err = configs.Load(environ(values), configs.Work)
	require.Equal(t, []string{"PUSH_SINK_CA"}, named(err))
	values["PUSH_SINK_CA"] = "/sink.pem"
	for _, wrong := range []string{"https://geheim.example:4433", "http://127.0.0.1:4433", "https://127.0.0.1", "https://127.0.0.1:4433/x"} {
		values["PUSH_SINK"] = wrong
		_, err = configs.Load(environ(values), configs.Work)
		require.Equal(t, []string{"PUSH_SINK"}, named(err), wrong)
	}
	values["PUSH_SINK"] = "https://127.0.0.1:4433"
	config, err = configs.Load(environ(values), configs.Work)
	require.NoError(t, err)
	require.Equal(t, "/sink.pem", config.Push.SinkCA)
}

func TestDemoAddress(t *testing.T) {
	values := whole()
	values["BASE_DOMAIN"], values["PUBLIC_SCHEME"], values["PUBLIC_PORT"], values["TRUSTED_PROXIES"] = "ouderportaal.localhost", "http", "8080", "10.1.2.3, fd00::/8"
	config, err := configs.Load(environ(values), configs.Serve)
	require.NoError(t, err)
	require.Equal(t, "http://x.ouderportaal.localhost:8080", config.Origin("x.ouderportaal.localhost"))
	require.Equal(t, "[10.1.2.3/32 fd00::/8]", fmt.Sprint(config.TrustedProxies))
	require.False(t, config.OpsProfile)
	values["OPS_PROFILE"] = "true"
	config, err = configs.Load(environ(values), configs.Serve)
	require.NoError(t, err)
	require.True(t, config.OpsProfile)
}

func TestSecretsFromFiles(t *testing.T) {
	file := filepath.Join(t.TempDir(), "smtp")
	require.NoError(t, os.WriteFile(file, []byte("smtp://u:uitbestand@smtp.example\n"), 0o600))
	values := whole()
	values["SMTP_URL_FILE"] = file
	_, err := configs.Load(environ(values), configs.Work)
	require.ErrorContains(t, err, "SMTP_URL: given twice")
	delete(values, "SMTP_URL")
	config, err := configs.Load(environ(values), configs.Work)
	require.NoError(t, err)
	require.Equal(t, "smtp://u:uitbestand@smtp.example", config.SMTPURL.Reveal())
	values["SMTP_URL_FILE"] = file + "x"
	_, err = configs.Load(environ(values), configs.Work)
	require.ErrorContains(t, err, "SMTP_URL_FILE: the file cannot be read")
}

func TestSecretsDoNotPrint(t *testing.T) {
	config, err := configs.Load(environ(whole()), configs.Work)
	require.NoError(t, err)
	text, err := json.Marshal(config)
	require.NoError(t, err)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("start", "config", config, "url", config.SMTPURL)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v %s %s", config, config, config, text, log.String()), "geheim")
}

func TestExampleDescribesEverySetting(t *testing.T) {
	example, err := os.ReadFile("example.env")
	require.NoError(t, err)
	source, err := os.ReadFile("config.go")
	require.NoError(t, err)
	for _, found := range regexp.MustCompile(`env:"([A-Z0-9_]+)"`).FindAllStringSubmatch(string(source), -1) {
		require.Regexp(t, `(?m)^#? ?`+found[1]+`=`, string(example))
	}
}
