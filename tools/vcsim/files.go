package main

import (
	"path"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// fileManager answers calls on files.
type fileManager struct {
	gated
	array *array
	stock *simulator.FileManager
}

// DeleteDatastoreFileTask deletes a file or folder and frees its room; of a disk, both files.
func (f *fileManager) DeleteDatastoreFileTask(ctx *simulator.Context, req *types.DeleteDatastoreFile_Task) soap.HasFault {
	if path.Ext(req.Name) == ".vmdk" && !strings.HasSuffix(req.Name, "-flat.vmdk") {
		manager := &diskManager{f.gated, f.array, ctx.Map.VirtualDiskManager().(*simulator.VirtualDiskManager)}
		body := manager.DeleteVirtualDiskTask(ctx, &types.DeleteVirtualDisk_Task{Name: req.Name, Datacenter: req.Datacenter})
		task := body.(*methods.DeleteVirtualDisk_TaskBody).Res.Returnval
		return &methods.DeleteDatastoreFile_TaskBody{Res: &types.DeleteDatastoreFile_TaskResponse{Returnval: task}}
	}
	task := f.array.change(ctx, f.array.datacenter(ctx), "deleteDatastoreFile", func() (types.AnyType, types.BaseMethodFault) {
		return f.array.guarded(ctx, nil, func() soap.HasFault { return f.stock.DeleteDatastoreFileTask(ctx, req) })
	})
	return &methods.DeleteDatastoreFile_TaskBody{Res: &types.DeleteDatastoreFile_TaskResponse{Returnval: task}}
}

// MakeDirectory makes a folder. The provider knows by the wording of the fault that the folder was there, and goes on.
func (f *fileManager) MakeDirectory(ctx *simulator.Context, req *types.MakeDirectory) soap.HasFault {
	body := f.stock.MakeDirectory(ctx, req)
	if fault := body.Fault(); fault != nil {
		if exists, ok := fault.VimFault().(*types.FileAlreadyExists); ok {
			fault.String = wording(&types.LocalizedMethodFault{Fault: exists})
		}
	}
	return body
}

// CopyDatastoreFileTask copies a file, which is counted then.
func (f *fileManager) CopyDatastoreFileTask(ctx *simulator.Context, req *types.CopyDatastoreFile_Task) soap.HasFault {
	task := f.array.change(ctx, f.array.datacenter(ctx), "copyDatastoreFile", func() (types.AnyType, types.BaseMethodFault) {
		return f.array.guarded(ctx, nil, func() soap.HasFault { return f.stock.CopyDatastoreFileTask(ctx, req) })
	})
	return &methods.CopyDatastoreFile_TaskBody{Res: &types.CopyDatastoreFile_TaskResponse{Returnval: task}}
}

// MoveDatastoreFileTask moves a file, which is counted where it is then.
func (f *fileManager) MoveDatastoreFileTask(ctx *simulator.Context, req *types.MoveDatastoreFile_Task) soap.HasFault {
	task := f.array.change(ctx, f.array.datacenter(ctx), "moveDatastoreFile", func() (types.AnyType, types.BaseMethodFault) {
		return f.array.guarded(ctx, nil, func() soap.HasFault { return f.stock.MoveDatastoreFileTask(ctx, req) })
	})
	return &methods.MoveDatastoreFile_TaskBody{Res: &types.MoveDatastoreFile_TaskResponse{Returnval: task}}
}
