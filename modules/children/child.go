// Package children knows the children, where and when they are cared for, and whose they are. Its VisibleTo decides for
// the whole program who may know of a child.
package children

import (
	"strings"
	"time"

	"github.com/uptrace/bun"

	"ouderportaal/internal/ids"
	"ouderportaal/tenants"
)

// Child is a child in care, or about to be, or who has left.
type Child struct {
	bun.BaseModel `bun:"table:child"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	GivenName     string
	FamilyName    string
	BirthOn       tenants.Date `bun:"type:date"`
	Face          int
	CreatedAt     time.Time
	Version       int `bun:",nullzero,default:1"` // counts changes: who changes a row says which they saw
}

// Name is the child's whole name, for the screen.
func (c *Child) Name() string { return strings.TrimSpace(c.GivenName + " " + c.FamilyName) }

// Location is a house where care is given.
type Location struct {
	bun.BaseModel `bun:"table:location"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	Name          string
	Street        string
	Postcode      string
	City          string
	Phone         string
	Email         string
	Version       int          `bun:",nullzero,default:1"`
	ClosedOn      tenants.Date `bun:"type:date,nullzero"` // last day of care
}

// CareType is a kind of care under the law; each has its own registration at a location.
type CareType string

// The kinds: day care 0-4, out-of-school care 4-13, playgroup, childminder.
const (
	DayCare     CareType = "kdv"
	AfterSchool CareType = "bso"
	Playgroup   CareType = "psz"
	Childminder CareType = "gastouder"
)

// LocationCare is the registration (LRK number) of a location for one kind of care.
type LocationCare struct {
	bun.BaseModel `bun:"table:location_care"`
	TenantID      ids.ID   `bun:",pk,type:uuid"`
	LocationID    ids.ID   `bun:",pk,type:uuid"`
	CareType      CareType `bun:",pk"`
	LRKNumber     string   `bun:"lrk_number"`
}

// Group is a stamgroep or basisgroep.
type Group struct {
	bun.BaseModel `bun:"table:care_group"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	LocationID    ids.ID `bun:"type:uuid"`
	CareType      CareType
	Name          string
	Symbol        string // name of its icon
	FromAgeMonths int
	ToAgeMonths   int
	Version       int          `bun:",nullzero,default:1"`
	ClosedOn      tenants.Date `bun:"type:date,nullzero"` // last day of care
}

// Kind is what a person is to a child.
type Kind string

// The ties: parental authority, right to information, may collect, relative.
const (
	Authority   Kind = "gezag"
	Information Kind = "informatierecht"
	Collector   Kind = "ophaler"
	Relative    Kind = "familie"
)

// Guardianship ties a person to a child for a time. A blocked tie gives nothing, at once.
type Guardianship struct {
	bun.BaseModel `bun:"table:guardianship"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	ChildID       ids.ID `bun:"type:uuid"`
	PersonID      ids.ID `bun:"type:uuid"`
	Kind          Kind
	Household     int          // guardians of one household share a number
	ValidFrom     tenants.Date `bun:"type:date"`
	ValidTo       tenants.Date `bun:"type:date,nullzero"`
	BlockedAt     *time.Time
	BlockedBy     ids.ID `bun:"type:uuid,nullzero"`
	BlockedReason string `bun:",nullzero"`
	Version       int    `bun:",nullzero,default:1"`
}

// Assignment puts a staff member to work in a group for a time.
type Assignment struct {
	bun.BaseModel `bun:"table:group_assignment"`
	TenantID      ids.ID       `bun:",pk,type:uuid"`
	ID            ids.ID       `bun:",pk,type:uuid"`
	PersonID      ids.ID       `bun:"type:uuid"`
	GroupID       ids.ID       `bun:"type:uuid"`
	ValidFrom     tenants.Date `bun:"type:date"`
	ValidTo       tenants.Date `bun:"type:date,nullzero"`
	Version       int          `bun:",nullzero,default:1"`
}

// Placement is an agreement of care for one child in one group.
type Placement struct {
	bun.BaseModel `bun:"table:placement"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	ID            ids.ID `bun:",pk,type:uuid"`
	ChildID       ids.ID `bun:"type:uuid"`
	GroupID       ids.ID `bun:"type:uuid"`
	CareType      CareType
	StartsOn      tenants.Date `bun:"type:date"`
	EndsOn        tenants.Date `bun:"type:date,nullzero"` // last day of care
	CancelledAt   *time.Time
	CreatedAt     time.Time `bun:",nullzero,default:now()"` // when it was confirmed
	Version       int       `bun:",nullzero,default:1"`
}

// PlacementDay is a weekday on which the child comes, with the times of that day.
type PlacementDay struct {
	bun.BaseModel `bun:"table:placement_day"`
	TenantID      ids.ID `bun:",pk,type:uuid"`
	PlacementID   ids.ID `bun:",pk,type:uuid"`
	Weekday       int    `bun:",pk"` // ISO: 1 is Monday
	FromTime      string
	ToTime        string
}

// Mentorship names the staff member whom a child's guardians talk to.
type Mentorship struct {
	bun.BaseModel `bun:"table:mentorship"`
	TenantID      ids.ID       `bun:",pk,type:uuid"`
	ID            ids.ID       `bun:",pk,type:uuid"`
	ChildID       ids.ID       `bun:"type:uuid"`
	PersonID      ids.ID       `bun:"type:uuid"`
	ValidFrom     tenants.Date `bun:"type:date"`
	ValidTo       tenants.Date `bun:"type:date,nullzero"`
}
