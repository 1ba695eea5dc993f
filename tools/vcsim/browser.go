package main

import (
	"path"
	"reflect"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// browser answers searches for files; the simulator's own does not know the size of a disk.
type browser struct {
	gated
	array *array
	stock *simulator.HostDatastoreBrowser
}

// SearchDatastoreTask searches one folder.
func (b *browser) SearchDatastoreTask(ctx *simulator.Context, req *types.SearchDatastore_Task) soap.HasFault {
	body := b.stock.SearchDatastoreTask(ctx, req)
	return b.completed(ctx, "searchDatastore", body)
}

// SearchDatastoreSubFoldersTask searches a folder and those below it.
func (b *browser) SearchDatastoreSubFoldersTask(
	ctx *simulator.Context, req *types.SearchDatastoreSubFolders_Task,
) soap.HasFault {
	body := b.stock.SearchDatastoreSubFoldersTask(ctx, req)
	return b.completed(ctx, "searchDatastoreSubFolders", body)
}

// completed replaces the task in the answer by one whose result has the disks' sizes too.
func (b *browser) completed(ctx *simulator.Context, name string, body soap.HasFault) soap.HasFault {
	inner := returned(body).Interface().(types.ManagedObjectReference)
	task := b.array.task(ctx, ctx.Map.Get(b.stock.Datastore[0]).(mo.Entity), name, func() (types.AnyType, types.BaseMethodFault) {
		result, fault := finish(ctx, inner)
		switch found := result.(type) {
		case types.HostDatastoreBrowserSearchResults:
			b.describe(ctx, found)
		case types.ArrayOfHostDatastoreBrowserSearchResults:
			for _, folder := range found.HostDatastoreBrowserSearchResults {
				b.describe(ctx, folder)
			}
		}
		return result, fault
	})
	returned(body).Set(reflect.ValueOf(task))
	return body
}

// describe fills in what the descriptors of a folder's disks say.
func (b *browser) describe(ctx *simulator.Context, found types.HostDatastoreBrowserSearchResults) {
	var folder object.DatastorePath
	if !folder.FromString(found.FolderPath) {
		return
	}
	dc := b.array.datacenter(ctx).Reference()
	for _, file := range found.File {
		disk, ok := file.(*types.VmDiskFileInfo)
		if !ok {
			continue
		}
		name := object.DatastorePath{Datastore: folder.Datastore, Path: path.Join(folder.Path, disk.Path)}
		descriptor, _, fault := ctx.Map.FileManager().DiskDescriptor(ctx, &dc, name.String())
		if fault != nil || len(descriptor.Extent) == 0 {
			continue
		}
		disk.CapacityKb = descriptor.Capacity() / 1024
		disk.DiskType = "VirtualDiskFlatVer2BackingInfo"
		disk.Thin = types.NewBool(descriptor.DDB[kindKey] == string(types.VirtualDiskTypeThin))
	}
}
