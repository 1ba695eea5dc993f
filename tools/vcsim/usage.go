package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// charge makes every VM report what it takes on each datastore as settle counts it: its disks at their full size and its
// swap file. The simulator's own count has only the few bytes of a disk's descriptor.
func (a *array) charge(ctx *simulator.Context) {
	for _, entity := range ctx.Map.All("VirtualMachine") {
		vm, ok := entity.(*simulator.VirtualMachine)
		if !ok {
			continue
		}
		ctx.WithLock(vm, func() {
			if vm.Config != nil && vm.Storage != nil {
				vm.Storage.PerDatastoreUsage = a.usage(vm)
				a.world.layout(vm)
			}
		})
	}
}

// usage is what a VM takes on each datastore, sorted by the datastore's name. Nothing of it is uncommitted: thin disks count in full.
func (a *array) usage(vm *simulator.VirtualMachine) (usages []types.VirtualMachineUsageOnDatastore) {
	taken := demand{}
	for _, device := range vm.Config.Hardware.Device {
		if disk, ok := device.(*types.VirtualDisk); ok {
			taken[datastoreOf(fileOf(disk))] += capacity(disk)
		}
	}
	var home object.DatastorePath
	home.FromString(vm.Config.Files.VmPathName)
	if o := a.volume(home.Datastore); o != nil && path.Ext(home.Path) == ".vmx" {
		swap := filepath.Join(o.dir, filepath.FromSlash(strings.TrimSuffix(home.Path, ".vmx"))+".vswp")
		if info, err := os.Stat(swap); err == nil {
			taken[home.Datastore] += info.Size()
		}
	}
	a.world.charge(taken, vm.Self)
	names := make([]string, 0, len(taken))
	for name := range taken {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if o := a.volume(name); o != nil {
			used := types.VirtualMachineUsageOnDatastore{Datastore: o.ds.Self, Committed: taken[name], Unshared: taken[name]}
			usages = append(usages, used)
		}
	}
	return usages
}

const deltaSuffix = "-sesparse.vmdk"

// deltas is what the deltas of one disk of a VM take, in bytes: they move with their disk.
func (w *world) deltas(vm types.ManagedObjectReference, disk int32) (bytes int64) {
	if w == nil || w.lives[vm] == nil {
		return 0
	}
	for _, c := range w.lives[vm].chains {
		if c.key == disk {
			bytes += c.files(w.laws)
		}
	}
	return bytes
}

// charge adds what time has put on datastores for one VM.
func (w *world) charge(taken demand, vm types.ManagedObjectReference) {
	if w == nil || w.lives[vm] == nil {
		return
	}
	one := w.lives[vm]
	if one.on {
		taken[one.home] += w.vmFiles()
	}
	for _, c := range one.chains {
		taken[c.datastore] += c.files(w.laws)
	}
}

// layout makes a VM list the files of its deltas, with their sizes.
func (w *world) layout(vm *simulator.VirtualMachine) {
	if w == nil || w.lives[vm.Self] == nil || vm.LayoutEx == nil {
		return
	}
	kind, key := string(types.VirtualMachineFileLayoutExFileTypeDiskExtent), int32(0)
	files := slices.DeleteFunc(slices.Clone(vm.LayoutEx.File), func(f types.VirtualMachineFileLayoutExFileInfo) bool {
		key = max(key, f.Key+1)
		return strings.HasSuffix(f.Name, deltaSuffix)
	})
	keys := map[int32][]int32{}
	for _, c := range w.lives[vm.Self].chains {
		for n, d := range c.deltas {
			keys[c.key] = append(keys[c.key], key)
			size := w.laws.file(d.written)
			files = append(files, types.VirtualMachineFileLayoutExFileInfo{
				Key: key, Name: c.deltaFile(n + 1), Type: kind, Size: size, UniqueSize: size, Accessible: types.NewBool(true),
			})
			key++
		}
	}
	vm.LayoutEx.File = files
	w.chained(vm, keys)
}

// deltaFile is the datastore path of the n-th delta of a chain, from 1, as hosts name it.
func (c *chain) deltaFile(n int) string {
	var p object.DatastorePath
	p.FromString(c.file)
	p.Path = fmt.Sprintf("%s-%06d%s", strings.TrimSuffix(p.Path, ".vmdk"), n, deltaSuffix)
	return p.String()
}
