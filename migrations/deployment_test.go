package migrations_test

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"ouderportaal/migrations"
)

// `migrate` refuses addresses that sign in as anybody but the users of the schema, so what we hand out must name those.
func TestDeploymentsSignInAsTheUsersOfTheSchema(t *testing.T) {
	users := map[string]string{"DATABASE_URL": migrations.RoleNames.App, "DATABASE_RELAY_URL": migrations.RoleNames.Relay, "DATABASE_PLATFORM_URL": migrations.RoleNames.Platform}
	address := regexp.MustCompile(`(DATABASE_[A-Z_]*URL)(?:=|: )postgres://([^:]+):`)
	for _, file := range []string{"../docker-compose.yml", "../configs/example.env"} {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		found := address.FindAllStringSubmatch(string(content), -1)
		require.GreaterOrEqual(t, len(found), 4, file)
		for _, f := range found {
			if user, known := users[f[1]]; known {
				require.Equal(t, user, f[2], "%s in %s", f[1], file)
			}
		}
	}
}
