package main

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// DestroyTask deletes the VM with its disks, but no other file: the simulator's own deletes the VM's whole folder, and
// with it the disks that were detached to be kept.
func (m *machine) DestroyTask(ctx *simulator.Context, req *types.Destroy_Task) soap.HasFault {
	task := m.array.task(ctx, m.stock, "destroy", func() (types.AnyType, types.BaseMethodFault) {
		home, dir := m.array.volume(m.home()), m.directory()
		ctx.WithLock(m.stock, func() {
			m.stock.Config.Files.LogDirectory = path.Join(dir, "deleted-with-the-vm") // what it deletes is this folder
		})
		result, fault := m.array.guarded(ctx, nil, func() (body soap.HasFault) {
			ctx.WithLock(m.stock, func() { body = m.stock.DestroyTask(ctx, req) })
			return body
		}, func(body soap.HasFault) types.ManagedObjectReference {
			return body.(*methods.Destroy_TaskBody).Res.Returnval
		})
		if fault != nil {
			ctx.WithLock(m.stock, func() { m.stock.Config.Files.LogDirectory = dir })
			return nil, fault
		}
		if home != nil {
			sweep(filepath.Join(home.dir, strings.TrimPrefix(dir, "["+home.ds.Name+"] ")))
			m.array.settle(ctx, home)
		}
		return result, nil
	})
	return &methods.Destroy_TaskBody{Res: &types.Destroy_TaskResponse{Returnval: task}}
}

// directory is the datastore path of the VM's folder.
func (m *machine) directory() string {
	return path.Dir(m.stock.Config.Files.VmPathName)
}

// sweep deletes what is in a folder but disks, and the folder when nothing is left.
func sweep(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, entry := range entries {
		if !entry.IsDir() && filepath.Ext(entry.Name()) != ".vmdk" {
			_ = os.Remove(filepath.Join(dir, entry.Name()))
		}
	}
	_ = os.Remove(dir) // fails when a disk is kept there
}

// folder answers the creation of VMs.
type folder struct {
	gated
	array *array
	stock *simulator.Folder
}

// CreateVMTask creates a VM with its disks.
func (f *folder) CreateVMTask(ctx *simulator.Context, req *types.CreateVM_Task) soap.HasFault {
	task := f.array.task(ctx, f.stock, "createVm", func() (types.AnyType, types.BaseMethodFault) {
		f.array.place(ctx, req.Config.DeviceChange)
		need := demand{}
		if req.Config.Files != nil {
			need.devices(datastoreOf(req.Config.Files.VmPathName), nil, req.Config.DeviceChange)
		}
		result, fault := f.array.guarded(ctx, need, func() (body soap.HasFault) {
			ctx.WithLock(f.stock, func() { body = f.stock.CreateVMTask(ctx, req) })
			return body
		}, func(body soap.HasFault) types.ManagedObjectReference {
			return body.(*methods.CreateVM_TaskBody).Res.Returnval
		})
		if ref, ok := result.(types.ManagedObjectReference); ok && fault == nil {
			(&machine{f.gated, f.array, ctx.Map.Get(ref).(*simulator.VirtualMachine)}).record(ctx)
		}
		return result, fault
	})
	return &methods.CreateVM_TaskBody{Res: &types.CreateVM_TaskResponse{Returnval: task}}
}
