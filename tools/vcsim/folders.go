package main

import (
	"slices"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// MoveIntoFolderTask refuses what would make a folder its own parent, as a vCenter does: no walk of such a tree would end.
func (f *folder) MoveIntoFolderTask(ctx *simulator.Context, req *types.MoveIntoFolder_Task) (body soap.HasFault) {
	if !slices.ContainsFunc(f.lineage(ctx), func(above types.ManagedObjectReference) bool { return slices.Contains(req.List, above) }) {
		ctx.WithLock(f.stock, func() { body = f.stock.MoveIntoFolderTask(ctx, req) })
		return body
	}
	task := f.array.change(ctx, f.stock, "moveIntoFolder", func() (types.AnyType, types.BaseMethodFault) {
		return nil, &types.InvalidFolder{Target: f.stock.Self}
	})
	return &methods.MoveIntoFolder_TaskBody{Res: &types.MoveIntoFolder_TaskResponse{Returnval: task}}
}

// lineage is a folder with all that it lies in.
func (f *folder) lineage(ctx *simulator.Context) (found []types.ManagedObjectReference) {
	for at := &f.stock.Self; at != nil; {
		found = append(found, *at)
		entity, known := ctx.Map.Get(*at).(mo.Entity)
		if !known {
			return found
		}
		at = entity.Entity().Parent
	}
	return found
}
