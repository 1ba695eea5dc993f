package main

import (
	"encoding/json"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/vmware/govmomi/vim25/types"
)

// view is what a client has seen: a fingerprint of each property of each object of each filter.
type view map[detail]uint64

// detail is a property of an object in a filter; the empty name stands for the object itself.
type detail struct {
	filter, object types.ManagedObjectReference
	name           string
}

var seed = maphash.MakeSeed()

// add notes an object as it is now, and returns how it differs from what was seen; nil when it does not.
func (now view) add(filter types.ManagedObjectReference, object types.ObjectContent, seen view) *types.ObjectUpdate {
	update := types.ObjectUpdate{Kind: types.ObjectUpdateKindModify, Obj: object.Obj}
	self := detail{filter, object.Obj, ""}
	now[self] = 1
	if _, known := seen[self]; !known {
		update.Kind = types.ObjectUpdateKindEnter
	}
	slices.SortFunc(object.PropSet, func(a, b types.DynamicProperty) int { return strings.Compare(a.Name, b.Name) }) // as a vCenter does
	for _, property := range object.PropSet {
		key := detail{filter, object.Obj, property.Name}
		print, _ := json.Marshal(property.Val) // a value without JSON counts as unchanged
		now[key] = maphash.Bytes(seed, print)
		if old, known := seen[key]; !known || old != now[key] {
			update.ChangeSet = append(update.ChangeSet, types.PropertyChange{
				Name: property.Name, Op: types.PropertyChangeOpAssign, Val: property.Val,
			})
		}
	}
	if len(update.ChangeSet) == 0 && update.Kind == types.ObjectUpdateKindModify {
		return nil
	}
	return &update
}

// gone lists the objects of a filter that were seen and are no more.
func (now view) gone(filter types.ManagedObjectReference, seen view) (updates []types.ObjectUpdate) {
	for key := range seen {
		if _, here := now[key]; key.filter == filter && key.name == "" && !here {
			updates = append(updates, types.ObjectUpdate{Kind: types.ObjectUpdateKindLeave, Obj: key.object})
		}
	}
	return updates
}
