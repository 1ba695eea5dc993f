package main

import (
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/simulator/vpx"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// DestroyTask deletes the VM with its disks, but no other file: the simulator's own deletes the VM's whole folder, and
// with it the disks that were detached to be kept.
func (m *machine) DestroyTask(ctx *simulator.Context, req *types.Destroy_Task) soap.HasFault {
	task := m.array.change(ctx, m.stock, "destroy", func() (types.AnyType, types.BaseMethodFault) {
		home, dir, folders := m.array.volume(m.home()), m.directory(), m.diskFolders(ctx)
		ctx.WithLock(m.stock, func() {
			m.stock.Config.Files.LogDirectory = path.Join(dir, "deleted-with-the-vm") // what it deletes is this folder
		})
		result, fault := m.array.guarded(ctx, nil, func() (body soap.HasFault) {
			ctx.WithLock(m.stock, func() { body = m.stock.DestroyTask(ctx, req) })
			return body
		})
		quiet(ctx)
		if fault != nil {
			ctx.WithLock(m.stock, func() { m.stock.Config.Files.LogDirectory = dir })
			return nil, fault
		}
		if home != nil {
			sweep(filepath.Join(home.dir, strings.TrimPrefix(dir, "["+home.ds.Name+"] ")))
		}
		for _, folder := range folders {
			_ = os.Remove(folder) // only when it is empty
		}
		return result, nil
	})
	return &methods.Destroy_TaskBody{Res: &types.Destroy_TaskResponse{Returnval: task}}
}

// directory is the datastore path of the VM's folder.
func (m *machine) directory() string {
	return path.Dir(m.stock.Config.Files.VmPathName)
}

// diskFolders are the folders on this machine that hold the VM's disks.
func (m *machine) diskFolders(ctx *simulator.Context) (folders []string) {
	for _, device := range m.devices(ctx) {
		backing, ok := device.GetVirtualDevice().Backing.(types.BaseVirtualDeviceFileBackingInfo)
		if !ok {
			continue
		}
		var p object.DatastorePath
		if p.FromString(backing.GetVirtualDeviceFileBackingInfo().FileName); path.Dir(p.Path) != "." {
			if o := m.array.volume(p.Datastore); o != nil {
				folders = append(folders, filepath.Join(o.dir, path.Dir(p.Path)))
			}
		}
	}
	return folders
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

// quiet waits for the deletions of files that the simulator has begun and waits for itself no more.
func quiet(ctx *simulator.Context) {
	manager := ctx.Map.Get(*vpx.ServiceContent.TaskManager).(*simulator.TaskManager)
	var recent []types.ManagedObjectReference
	ctx.WithLock(manager, func() { recent = append(recent, manager.RecentTask...) })
	for _, ref := range recent {
		if task, ok := ctx.Map.Get(ref).(*simulator.Task); ok && strings.HasPrefix(task.Info.DescriptionId, "FileManager.") {
			task.Wait()
		}
	}
}
