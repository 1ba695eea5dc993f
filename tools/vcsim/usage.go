package main

import (
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
