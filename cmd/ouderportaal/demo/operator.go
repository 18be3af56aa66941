package demo

import (
	"context"
	"fmt"

	"ouderportaal/admin/platform"
	"ouderportaal/modules/identity"
	"ouderportaal/tenants"
)

// operator runs the platform that the demo's organisations are on.
var operator = Login{Organisation: tenants.Operator, Email: "operator@ouderportaal.example", Who: "operator of the platform", App: true}

func seedOperator(ctx context.Context, db *tenants.Platform, keys [][]byte, app func(email string) []byte) error {
	service := platform.New(db, identity.NewHasher(), keys)
	if err := service.Recall(ctx, operator.Email, "Ruud Hofstede", Password, app(operator.Email)); err != nil {
		return fmt.Errorf("demo: operator: %w", err)
	}
	return nil
}
