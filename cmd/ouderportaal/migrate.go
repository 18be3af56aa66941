package main

import (
	"context"
	"fmt"

	"ouderportaal/configs"
	"ouderportaal/migrations"
)

// migrate makes the roles where they are missing and applies the migrations that have not run yet.
func migrate(ctx context.Context, args []string) error {
	if err := noArguments("migrate", args); err != nil {
		return err
	}
	config, err := load(configs.Migrate)
	if err != nil {
		return err
	}
	ran, err := migrations.Apply(ctx, config.DatabaseOwnerURL.Reveal(), migrations.Roles{
		App: config.DatabaseURL.Reveal(), Relay: config.DatabaseRelayURL.Reveal(), Platform: config.DatabasePlatformURL.Reveal(),
	})
	if err != nil {
		return err
	}
	for _, name := range ran {
		fmt.Println("applied", name)
	}
	fmt.Printf("the database is up to date; %d applied now\n", len(ran))
	return nil
}
