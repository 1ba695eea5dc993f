package main

import (
	"os"
	"path"
	"path/filepath"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// RelocateVMTask moves a VM to another host, pool or datastore, and its disks where the request wants them. The
// simulator's own leaves all files where they are.
func (m *machine) RelocateVMTask(ctx *simulator.Context, req *types.RelocateVM_Task) soap.HasFault {
	task := m.array.change(ctx, m.stock, "relocateVm", func() (types.AnyType, types.BaseMethodFault) {
		from, home := m.array.volume(m.home()), m.array.named(req.Spec.Datastore)
		if home == nil {
			home = from
		}
		targets, need := m.targets(ctx, &req.Spec, req.Spec.Datastore != nil, home), demand{home.ds.Name: 0}
		for disk, to := range targets {
			if to != m.array.volume(datastoreOf(fileOf(disk))) {
				need[to.ds.Name] += capacity(disk) + m.array.world.deltas(m.stock.Self, disk.Key)
			}
		}
		if home != from && m.stock.Runtime.PowerState != types.VirtualMachinePowerStatePoweredOff {
			need[home.ds.Name] += m.swap(ctx, nil)
		}
		if fault := m.destination(ctx, &req.Spec, need); fault != nil {
			return nil, fault
		}
		host, pool := *m.stock.Runtime.Host, *m.stock.ResourcePool
		result, fault := m.array.guarded(ctx, need, func() (body soap.HasFault) {
			ctx.WithLock(m.stock, func() { body = m.stock.RelocateVMTask(ctx, req) })
			return body
		})
		if fault != nil {
			return nil, fault
		}
		m.belong(ctx, host, pool)
		m.move(ctx, from, home, targets)
		return result, nil
	})
	return &methods.RelocateVM_TaskBody{Res: &types.RelocateVM_TaskResponse{Returnval: task}}
}

// targets says where each disk goes: to the datastore that the request names for it, else (all) to the VM's home, else
// nowhere.
func (m *machine) targets(
	ctx *simulator.Context, spec *types.VirtualMachineRelocateSpec, all bool, home *volume,
) map[*types.VirtualDisk]*volume {
	targets := map[*types.VirtualDisk]*volume{}
	for _, disk := range disksOf(m.devices(ctx)) {
		if all {
			targets[disk] = home
		}
		for _, locator := range spec.Disk {
			if to := m.array.of(locator.Datastore); locator.DiskId == disk.Key && to != nil {
				targets[disk] = to
			}
		}
	}
	return targets
}

// destination makes sure that the VM's host sees the datastores; with a pool of another cluster it picks a host there.
func (m *machine) destination(ctx *simulator.Context, spec *types.VirtualMachineRelocateSpec, need demand) types.BaseMethodFault {
	host := spec.Host
	if host == nil {
		host = m.stock.Runtime.Host
		if pool, ok := m.pool(ctx, spec.Pool); ok && pool.Owner != *ctx.Map.Get(*host).(*simulator.HostSystem).Parent {
			spec.Host = m.array.host(ctx, *spec.Pool, need)
			host = spec.Host
		}
	}
	return m.array.unseen(ctx, host, need)
}

func (m *machine) pool(ctx *simulator.Context, ref *types.ManagedObjectReference) (*simulator.ResourcePool, bool) {
	if ref == nil {
		return nil, false
	}
	pool, ok := ctx.Map.Get(*ref).(*simulator.ResourcePool)
	return pool, ok
}

// belong moves the VM from the lists of its old host and pool to those of its new ones.
func (m *machine) belong(ctx *simulator.Context, host, pool types.ManagedObjectReference) {
	vm := m.stock.Self
	if old, ok := ctx.Map.Get(host).(*simulator.HostSystem); ok {
		ctx.Map.RemoveReference(ctx, old, &old.Vm, vm)
	}
	if now, ok := ctx.Map.Get(*m.stock.Runtime.Host).(*simulator.HostSystem); ok {
		ctx.Map.AddReference(ctx, now, &now.Vm, vm)
	}
	if old, ok := m.pool(ctx, &pool); ok {
		ctx.Map.RemoveReference(ctx, old, &old.Vm, vm)
	}
	if now, ok := m.pool(ctx, m.stock.ResourcePool); ok {
		ctx.Map.AddReference(ctx, now, &now.Vm, vm)
	}
}

// move moves files: disks to their targets, and the VM's own ones when its home changes.
func (m *machine) move(ctx *simulator.Context, from, home *volume, targets map[*types.VirtualDisk]*volume) {
	folders := m.diskFolders(ctx)
	ctx.WithLock(m.stock, func() {
		for disk, to := range targets {
			m.array.carry(m.stock.Name, disk, to)
		}
		if home != from {
			m.rehome(from, home)
		}
		m.stock.Datastore, m.stock.LayoutEx.File = nil, nil
		m.stock.RefreshStorageInfo(ctx, nil) // fills both anew
	})
	for _, folder := range folders {
		_ = os.Remove(folder) // only when it is empty
	}
	for _, o := range m.array.all() {
		ctx.Map.RemoveReference(ctx, o.ds, &o.ds.Vm, m.stock.Self)
	}
	for _, ref := range m.stock.Datastore {
		if o := m.array.of(ref); o != nil {
			ctx.Map.AddReference(ctx, o.ds, &o.ds.Vm, m.stock.Self)
		}
	}
	m.record(ctx)
}

// carry moves the files of a disk to another volume, unless they are there.
func (a *array) carry(vm string, disk *types.VirtualDisk, to *volume) {
	backing, ok := disk.Backing.(types.BaseVirtualDeviceFileBackingInfo)
	if !ok {
		return
	}
	var old, fresh object.DatastorePath
	old.FromString(backing.GetVirtualDeviceFileBackingInfo().FileName)
	from := a.volume(old.Datastore)
	if from == nil || from == to {
		return
	}
	fresh.FromString(to.unused(vm, map[string]bool{}))
	for _, name := range []func(string) string{func(s string) string { return s }, simulator.VirtualDiskBackingFileName} {
		_ = os.Rename(filepath.Join(from.dir, name(old.Path)), filepath.Join(to.dir, name(fresh.Path)))
	}
	file := backing.GetVirtualDeviceFileBackingInfo()
	file.FileName, file.Datastore = fresh.String(), &to.ds.Self
}

// rehome moves the VM's own files to another volume and tells the VM where they are.
func (m *machine) rehome(from, to *volume) {
	var vmx object.DatastorePath
	vmx.FromString(m.stock.Config.Files.VmPathName)
	old, fresh := filepath.Join(from.dir, path.Dir(vmx.Path)), filepath.Join(to.dir, path.Dir(vmx.Path))
	_ = os.MkdirAll(fresh, 0o700)
	entries, _ := os.ReadDir(old)
	for _, entry := range entries {
		if !entry.IsDir() && filepath.Ext(entry.Name()) != ".vmdk" {
			_ = os.Rename(filepath.Join(old, entry.Name()), filepath.Join(fresh, entry.Name()))
		}
	}
	_ = os.Remove(old) // only when it is empty
	vmx.Datastore = to.ds.Name
	dir := path.Dir(vmx.String())
	files := &m.stock.Config.Files
	files.VmPathName, files.SnapshotDirectory, files.SuspendDirectory, files.LogDirectory = vmx.String(), dir, dir, dir
	m.stock.Summary.Config.VmPathName = vmx.String()
}
