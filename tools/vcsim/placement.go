package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"
)

// place names the file of each new disk that is to go on another datastore than the VM's home: in a folder with the
// VM's name, as a vCenter does. The simulator would put a disk that names its datastore only by reference at home, and
// one with a bare "[datastore]" in that datastore's root. Disks at home keep an empty name; it names those well.
func (a *array) place(vm, home string, changes []types.BaseVirtualDeviceConfigSpec) {
	taken := map[string]bool{}
	for _, change := range changes {
		spec := change.GetVirtualDeviceConfigSpec()
		disk, ok := spec.Device.(*types.VirtualDisk)
		if !ok || spec.Operation != types.VirtualDeviceConfigSpecOperationAdd || spec.FileOperation == "" {
			continue
		}
		backing, ok := disk.Backing.(types.BaseVirtualDeviceFileBackingInfo)
		if !ok {
			continue
		}
		file := backing.GetVirtualDeviceFileBackingInfo()
		var wanted object.DatastorePath
		wanted.FromString(file.FileName)
		if wanted.Path != "" {
			continue
		}
		o := a.volume(wanted.Datastore)
		if o == nil && file.Datastore != nil {
			o = a.of(*file.Datastore)
		}
		file.FileName = ""
		if o != nil && o.ds.Name != home {
			file.FileName = o.unused(vm, taken)
		}
	}
}

// unused is the datastore path of a disk that does not exist yet in the VM's folder, which it makes.
func (o *volume) unused(vm string, taken map[string]bool) string {
	_ = os.MkdirAll(filepath.Join(o.dir, vm), 0o700) // a failure shows when the disk is created
	for number := 0; ; number++ {
		name := fmt.Sprintf("%s/%s.vmdk", vm, vm)
		if number > 0 {
			name = fmt.Sprintf("%s/%s_%d.vmdk", vm, vm, number)
		}
		path := object.DatastorePath{Datastore: o.ds.Name, Path: name}
		if _, err := os.Stat(filepath.Join(o.dir, name)); os.IsNotExist(err) && !taken[path.String()] {
			taken[path.String()] = true
			return path.String()
		}
	}
}
