package dbclone

import "slices"

// TemplateState is where a template stands; the drawing is in the package comment.
type TemplateState string

const (
	Building TemplateState = "building"
	Ready    TemplateState = "sealed"
	Stale    TemplateState = "stale" // an input has changed since it was built
)

// LeaseState is where a lease and its clone stand.
type LeaseState string

const (
	Creating  LeaseState = "creating"
	Leased    LeaseState = "leased"
	Resetting LeaseState = "resetting"
	Condemned LeaseState = "condemned" // what the clone holds is unknown
	Gone      LeaseState = "gone"
)

var leaseMoves = map[LeaseState][]LeaseState{
	Creating:  {Leased, Gone},
	Leased:    {Resetting, Gone},
	Resetting: {Leased, Condemned},
	Condemned: {Gone},
	Gone:      nil,
}

// May reports whether a lease can go from one state to another.
func (s LeaseState) May(next LeaseState) bool { return slices.Contains(leaseMoves[s], next) }
