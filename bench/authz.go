package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"ouderportaal/internal/actor"
	"ouderportaal/internal/authz"
	"ouderportaal/internal/ids"
	"ouderportaal/modules/diary"
	"ouderportaal/modules/identity"
	"ouderportaal/modules/notifications"
	"ouderportaal/modules/photos"
	"ouderportaal/tenants"
)

// authorisation is line f: what a request pays for the question whether this role may do this, with few organisations and
// with many.
func authorisation(_ context.Context, w *world) ([]result, error) {
	permissions, err := authz.New(identity.Policy, notifications.Policy, diary.Policy, photos.Policy)
	if err != nil {
		return nil, err
	}
	var few, many []float64
	for range w.rounds {
		a, err := askFor(permissions, 10)
		if err != nil {
			return nil, err
		}
		b, err := askFor(permissions, 10_000)
		if err != nil {
			return nil, err
		}
		few, many = append(few, a), append(many, b)
	}
	return []result{{line: "f", what: "Authorisation of a request, 10,000 organisations", against: "budget", value: median(many) / 1000, unit: "µs", must: atMost(1),
		detail: fmt.Sprintf("%.0f ns with 10 organisations, %.0f ns with 10,000 (whose actors no longer fit the processor's nearest cache)", median(few), median(many))}}, nil
}

func askFor(permissions *authz.Authz, organisations int) (ns float64, err error) {
	contexts := make([]context.Context, organisations)
	for i := range contexts {
		id := ids.New()
		ctx := tenants.With(context.Background(), tenants.Tenant{ID: id})
		contexts[i] = actor.With(ctx, actor.Actor{TenantID: id, PersonID: ids.New(), Role: actor.Roles[i%len(actor.Roles)]})
	}
	random := rand.New(rand.NewPCG(1, 2))
	var allowed, asked int
	measured := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			who := actor.From(contexts[random.IntN(organisations)])
			if permissions.May(who.Role, "diary.publish") {
				allowed++
			}
			asked++
		}
	})
	if allowed == 0 || allowed == asked {
		return 0, errors.New("everybody or nobody may publish")
	}
	return float64(measured.T.Nanoseconds()) / float64(measured.N), nil
}
