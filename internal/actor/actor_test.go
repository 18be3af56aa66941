package actor

import (
	"context"
	"testing"

	"ouderportaal/internal/ids"
)

func TestNobodyActsUnlessSaid(t *testing.T) {
	if got := From(context.Background()); !got.Anonymous() || got.Role.Known() {
		t.Fatalf("an empty context acts as %+v", got)
	}
}

func TestTheActorIsACopy(t *testing.T) {
	a := Actor{TenantID: ids.New(), PersonID: ids.New(), Role: Parent}
	ctx := With(context.Background(), a)
	a.Role = Admin
	got := From(ctx)
	if got.Role != Parent {
		t.Fatalf("a change after With reached the context: %v", got.Role)
	}
	got.Role = Admin
	if From(ctx).Role != Parent {
		t.Fatal("a change to what From gave reached the context")
	}
}

func TestRoles(t *testing.T) {
	if Role("role:janitor").Known() || Role("admin").Known() || Role("").Known() {
		t.Fatal("a role that no tenant has is known")
	}
	if system := ForSystem(ids.New()); system.Role != System || system.Anonymous() {
		t.Fatalf("system actor: %+v", system)
	}
}
