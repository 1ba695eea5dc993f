package main

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/vmware/govmomi"
	"github.com/vmware/govmomi/find"
	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/property"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

const (
	lunISCSI = "naa.60003ff44dc75adc0000000000000001"
	lunFC    = "naa.60003ff44dc75adc0000000000000002"
	lunSpare = "naa.60003ff44dc75adc0000000000000003"
)

const campus = `
datacenter: campus-dc
clusters:
  - name: mail
    hosts:
      - name: esx-1.campus.example
        cpus: 16
        memory_gib: 128
        adapters: &adapters
          - {device: vmhba64, fabric: iscsi, paths: 2}
          - {device: vmhba2, fabric: fc, paths: 2}
      - {name: esx-2.campus.example, cpus: 16, memory_gib: 64, adapters: *adapters}
networks: [mail]
luns:
  - {naa: naa.60003ff44dc75adc0000000000000001, size_gib: 100, fabric: iscsi}
  - {naa: naa.60003ff44dc75adc0000000000000002, size_gib: 1000, fabric: fc}
  - {naa: naa.60003ff44dc75adc0000000000000003, size_gib: 50, fabric: iscsi}
datastores:
  - {name: templates, local: true, size_gib: 100}
  - {name: old, lun: naa.60003ff44dc75adc0000000000000002}
templates:
  - {name: ubuntu-22.04, datastore: templates, disks_gib: [20], guest_id: ubuntu64Guest}
isos:
  - {datastore: templates, path: iso/gateway.iso}
`

// site is a running simulated vCenter with a client that is logged in.
type site struct {
	*testing.T
	ctx     context.Context
	vcenter *VCenter
	client  *govmomi.Client
	find    *find.Finder
	dc      *object.Datacenter
}

func write(t *testing.T, inventory string) string {
	file := filepath.Join(t.TempDir(), "site.yaml")
	if err := os.WriteFile(file, []byte(inventory), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func start(t *testing.T, inventory string) *site {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	described, err := LoadSite(write(t, inventory))
	if err != nil {
		t.Fatal(err)
	}
	vcenter, err := Start(described, "127.0.0.1:0", url.UserPassword("admin", "p&ss"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(vcenter.Close)
	s := &site{T: t, ctx: context.Background(), vcenter: vcenter}
	s.client = s.login("admin", "p&ss")
	s.find = find.NewFinder(s.client.Client)
	s.dc = must(s.find.DefaultDatacenter(s.ctx))
	s.find.SetDatacenter(s.dc)
	return s
}

func (s *site) login(user, password string) *govmomi.Client {
	s.Helper()
	where := *s.vcenter.URL
	where.User = url.UserPassword(user, password)
	client, err := govmomi.NewClient(s.ctx, &where, true)
	if err != nil {
		s.Fatal(err)
	}
	return client
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// wait returns the fault of a task, nil when it succeeded.
func (s *site) wait(task *object.Task, err error) (types.AnyType, types.BaseMethodFault) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
	info, err := task.WaitForResult(s.ctx)
	if err == nil {
		return info.Result, nil
	}
	var done mo.Task
	if err := property.DefaultCollector(s.client.Client).RetrieveOne(s.ctx, task.Reference(), []string{"info"}, &done); err != nil {
		s.Fatal(err)
	}
	return nil, done.Info.Error.Fault
}

// done fails the test when a task does.
func (s *site) done(task *object.Task, err error) types.AnyType {
	s.Helper()
	result, fault := s.wait(task, err)
	if fault != nil {
		s.Fatalf("%T %+v", fault, fault)
	}
	return result
}

// full fails the test unless a task fails for want of space on the datastore.
func (s *site) full(datastore string) func(*object.Task, error) {
	return func(task *object.Task, err error) {
		s.Helper()
		_, fault := s.wait(task, err)
		lack, ok := fault.(*types.NoDiskSpace)
		if !ok || lack.Datastore != datastore {
			s.Fatalf("want NoDiskSpace on %s, got %T %+v", datastore, fault, fault)
		}
	}
}

func (s *site) host(name string) *object.HostSystem { return must(s.find.HostSystem(s.ctx, name)) }

func (s *site) system(host string) *object.HostDatastoreSystem {
	return must(s.host(host).ConfigManager().DatastoreSystem(s.ctx))
}

// format makes a VMFS on a LUN the way the provider does.
func (s *site) format(naa, name string) (*object.Datastore, error) {
	s.Helper()
	system := s.system("esx-1.campus.example")
	options, err := system.QueryVmfsDatastoreCreateOptions(s.ctx, "/vmfs/devices/disks/"+naa)
	if err != nil || len(options) == 0 {
		s.Fatalf("no way to use %s: %v", naa, err)
	}
	spec := options[0].Spec.(*types.VmfsDatastoreCreateSpec)
	spec.Vmfs.VolumeName = name
	return system.CreateVmfsDatastore(s.ctx, *spec)
}

func (s *site) datastore(name string) mo.Datastore {
	s.Helper()
	var ds mo.Datastore
	found := must(s.find.Datastore(s.ctx, name))
	if err := found.Properties(s.ctx, found.Reference(), nil, &ds); err != nil {
		s.Fatal(err)
	}
	return ds
}

// free is what a datastore has left, in whole GiB: kilobytes of VM files make it less than whole.
func (s *site) free(name string, wantGiB int64) {
	s.Helper()
	ds := s.datastore(name)
	if ds.Summary.FreeSpace != ds.Info.GetDatastoreInfo().FreeSpace {
		s.Errorf("%s: summary says %d free, info %d", name, ds.Summary.FreeSpace, ds.Info.GetDatastoreInfo().FreeSpace)
	}
	if got := (ds.Summary.FreeSpace + 1<<20) / gib; got != wantGiB {
		s.Errorf("%s has %d GiB free, want %d", name, got, wantGiB)
	}
}

// vmSpec describes a blank VM: its home and its disks, in GiB, by datastore in order.
func vmSpec(name, home string, memoryMB int64, disks ...diskSpec) types.VirtualMachineConfigSpec {
	devices := object.VirtualDeviceList{}
	controller := must(devices.CreateSCSIController("pvscsi"))
	devices = append(devices, controller)
	for i, want := range disks {
		disk := devices.CreateDisk(controller.(types.BaseVirtualController), types.ManagedObjectReference{}, "")
		disk.Key, disk.CapacityInKB = int32(-10-i), want.gib<<20
		if want.on != "" {
			disk.Backing.(*types.VirtualDiskFlatVer2BackingInfo).FileName = "[" + want.on + "]"
		}
		devices = append(devices, disk)
	}
	return types.VirtualMachineConfigSpec{
		Name: name, GuestId: "otherLinux64Guest", MemoryMB: memoryMB,
		Files:        &types.VirtualMachineFileInfo{VmPathName: "[" + home + "]"},
		DeviceChange: must(devices.ConfigSpec(types.VirtualDeviceConfigSpecOperationAdd)),
	}
}

type diskSpec struct {
	gib int64
	on  string
}

func (s *site) create(spec types.VirtualMachineConfigSpec) (*object.Task, error) {
	folders := must(s.dc.Folders(s.ctx))
	pool := must(must(s.find.ClusterComputeResource(s.ctx, "mail")).ResourcePool(s.ctx))
	return folders.VmFolder.CreateVM(s.ctx, spec, pool, nil)
}

func (s *site) vm(name, home string, memoryMB int64, disks ...diskSpec) *object.VirtualMachine {
	s.Helper()
	ref := s.done(s.create(vmSpec(name, home, memoryMB, disks...))).(types.ManagedObjectReference)
	return object.NewVirtualMachine(s.client.Client, ref)
}

// disks are a VM's disks by their place.
func (s *site) disks(vm *object.VirtualMachine) (disks []*types.VirtualDisk) {
	for _, device := range must(vm.Device(s.ctx)).SelectByType((*types.VirtualDisk)(nil)) {
		disks = append(disks, device.(*types.VirtualDisk))
	}
	return disks
}
