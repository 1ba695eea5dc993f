package main

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/methods"
	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/soap"
	"github.com/vmware/govmomi/vim25/types"
)

// available are the names of the devices that a host offers for a VMFS.
func (s *site) available(host string) (naas []string) {
	for _, disk := range must(s.system(host).QueryAvailableDisksForVmfs(s.ctx)) {
		naas = append(naas, disk.CanonicalName)
	}
	return naas
}

// fault is the vSphere fault in an error.
func fault(t *testing.T, err error) any {
	t.Helper()
	if err == nil || !soap.IsSoapFault(err) {
		t.Fatalf("want a fault, got %v", err)
	}
	return soap.ToSoapFault(err).VimFault()
}

func TestVmfsTakesItsLunFromTheOffer(t *testing.T) {
	s := start(t, campus)
	if got := s.available("esx-1.campus.example"); !slices.Equal(got, []string{lunISCSI, lunSpare}) {
		t.Fatalf("offered %v; the LUN of datastore old and the local disk must not be", got)
	}
	must(s.format(lunISCSI, "mail-iscsi"))
	for _, host := range []string{"esx-1.campus.example", "esx-2.campus.example"} {
		if got := s.available(host); !slices.Equal(got, []string{lunSpare}) {
			t.Errorf("%s still offers %v", host, got)
		}
	}
}

func TestVmfsIsMountedOnEveryHostWithItsExtent(t *testing.T) {
	s := start(t, campus)
	must(s.format(lunISCSI, "mail-iscsi"))
	ds := s.datastore("mail-iscsi")
	info := ds.Info.(*types.VmfsDatastoreInfo)
	if ds.Summary.Type != "VMFS" || ds.Summary.Capacity != 100*gib || info.Vmfs.Extent[0].DiskName != lunISCSI {
		t.Errorf("summary %+v, VMFS %+v", ds.Summary, info.Vmfs)
	}
	if len(ds.Host) != 2 || !*ds.Summary.MultipleHostAccess {
		t.Errorf("mounted on %d hosts of 2", len(ds.Host))
	}
	for _, name := range []string{"esx-1.campus.example", "esx-2.campus.example"} {
		var host mo.HostSystem
		found := s.host(name)
		if err := found.Properties(s.ctx, found.Reference(), []string{"config.fileSystemVolume", "datastore"}, &host); err != nil {
			t.Fatal(err)
		}
		extents := map[string]string{}
		for _, mount := range host.Config.FileSystemVolume.MountInfo {
			vmfs := mount.Volume.(*types.HostVmfsVolume)
			extents[vmfs.Name] = vmfs.Extent[0].DiskName
		}
		if extents["mail-iscsi"] != lunISCSI || extents["old"] != lunFC || len(extents) != 3 {
			t.Errorf("%s mounts %v", name, extents)
		}
		if !slices.Contains(host.Datastore, ds.Self) {
			t.Errorf("%s does not list the datastore", name)
		}
	}
}

func TestUsedLunAndUsedNameAreRefused(t *testing.T) {
	s := start(t, campus)
	system := s.system("esx-1.campus.example")
	spec := types.VmfsDatastoreCreateSpec{Vmfs: types.HostVmfsSpec{
		VolumeName: "again", Extent: types.HostScsiDiskPartition{DiskName: lunFC, Partition: 1},
	}}
	_, err := system.CreateVmfsDatastore(s.ctx, spec)
	if f, ok := fault(t, err).(types.HostConfigFault); !ok {
		t.Errorf("used LUN: got %T", f)
	}
	if !strings.Contains(err.Error(), "already holds the VMFS datastore 'old'") {
		t.Errorf("used LUN: %s", err)
	}
	if options, err := system.QueryVmfsDatastoreCreateOptions(s.ctx, "/vmfs/devices/disks/"+lunFC); err != nil || len(options) != 0 {
		t.Errorf("a used LUN is offered: %v, %v", options, err)
	}
	_, err = s.format(lunISCSI, "old")
	if f, ok := fault(t, err).(types.DuplicateName); !ok {
		t.Errorf("used name: got %T", f)
	}
	spec.Vmfs.Extent.DiskName = "naa.none"
	_, err = system.CreateVmfsDatastore(s.ctx, spec)
	if f, ok := fault(t, err).(types.NotFound); !ok {
		t.Errorf("no such LUN: got %T", f)
	}
}

func TestVmfsGrowsByAnotherLun(t *testing.T) {
	s := start(t, campus)
	made := must(s.format(lunISCSI, "mail-iscsi"))
	system := s.system("esx-1.campus.example")
	query := &types.QueryVmfsDatastoreExtendOptions{
		This: system.Reference(), Datastore: made.Reference(), DevicePath: "/vmfs/devices/disks/" + lunSpare,
	}
	options := must(methods.QueryVmfsDatastoreExtendOptions(s.ctx, s.client, query)).Returnval
	extend := &types.ExtendVmfsDatastore{
		This: system.Reference(), Datastore: made.Reference(), Spec: *options[0].Spec.(*types.VmfsDatastoreExtendSpec),
	}
	must(methods.ExtendVmfsDatastore(s.ctx, s.client, extend))
	s.free("mail-iscsi", 148)
	if extents := s.datastore("mail-iscsi").Info.(*types.VmfsDatastoreInfo).Vmfs.Extent; len(extents) != 2 {
		t.Errorf("extents %v", extents)
	}
	if got := s.available("esx-1.campus.example"); len(got) != 0 {
		t.Errorf("still offers %v", got)
	}
	_, err := methods.ExtendVmfsDatastore(s.ctx, s.client, extend)
	if f, ok := fault(t, err).(types.HostConfigFault); !ok {
		t.Errorf("used LUN: got %T", f)
	}
}

func TestVmfsIsRemovedWithItsFilesUnlessAVmUsesIt(t *testing.T) {
	s := start(t, campus)
	made := must(s.format(lunISCSI, "mail-iscsi"))
	folder := s.datastore("mail-iscsi").Summary.Url
	system := s.system("esx-2.campus.example")
	vm := s.vm("spool", "old", 1024, diskSpec{1, ""}, diskSpec{5, "mail-iscsi"})
	if f, ok := fault(t, system.Remove(s.ctx, made)).(types.ResourceInUse); !ok {
		t.Errorf("used datastore: got %T", f)
	}
	s.done(vm.Destroy(s.ctx))
	if err := system.Remove(s.ctx, made); err != nil {
		t.Fatal(err)
	}
	if got := s.available("esx-1.campus.example"); !slices.Contains(got, lunISCSI) {
		t.Errorf("the LUN is not free again: %v", got)
	}
	if _, err := os.Stat(folder); !os.IsNotExist(err) {
		t.Errorf("the files are still there: %v", err)
	}
	must(s.format(lunISCSI, "mail-iscsi"))
	s.free("mail-iscsi", 98)
	s.done(must(s.find.Datastore(s.ctx, "mail-iscsi")).Destroy(s.ctx)) // the inventory's way
	must(s.format(lunISCSI, "mail-iscsi"))
}

func TestLunIsSeenOnlyByHostsOnItsFabric(t *testing.T) {
	s := start(t, strings.Replace(campus, "memory_gib: 64, adapters: *adapters",
		"memory_gib: 64, adapters: [{device: vmhba2, fabric: fc, paths: 1}]", 1))
	if got := s.available("esx-2.campus.example"); len(got) != 0 {
		t.Errorf("a host without iSCSI is offered %v", got)
	}
	must(s.format(lunISCSI, "mail-iscsi"))
	if hosts := s.datastore("mail-iscsi").Host; len(hosts) != 1 || hosts[0].Key != s.host("esx-1.campus.example").Reference() {
		t.Errorf("mounted on %v", hosts)
	}
}

func TestRescanAndRefreshChangeNothing(t *testing.T) {
	s := start(t, campus)
	storage := must(s.host("esx-1.campus.example").ConfigManager().StorageSystem(s.ctx))
	before := s.adapters("esx-1.campus.example")
	for _, err := range []error{storage.RescanAllHba(s.ctx), storage.RescanVmfs(s.ctx), storage.Refresh(s.ctx)} {
		if err != nil {
			t.Error(err)
		}
	}
	if after := s.adapters("esx-1.campus.example"); !slices.Equal(before, after) {
		t.Errorf("adapters were %v, now %v", before, after)
	}
	old := must(s.find.Datastore(s.ctx, "old"))
	must(methods.RefreshDatastore(s.ctx, s.client, &types.RefreshDatastore{This: old.Reference()}))
	s.free("old", 995)
}

func (s *site) adapters(host string) (devices []string) {
	for _, adapter := range s.storage(host).HostBusAdapter {
		devices = append(devices, adapter.GetHostHostBusAdapter().Device)
	}
	return devices
}

func (s *site) storage(host string) *types.HostStorageDeviceInfo {
	s.Helper()
	var found mo.HostSystem
	h := s.host(host)
	if err := h.Properties(s.ctx, h.Reference(), []string{"config.storageDevice"}, &found); err != nil {
		s.Fatal(err)
	}
	return found.Config.StorageDevice
}

func TestVirtualDiskSizeAndKindAreReadable(t *testing.T) {
	s := start(t, campus)
	manager := object.NewVirtualDiskManager(s.client.Client)
	for kind, file := range map[string]string{"thin": "thin.vmdk", "eagerZeroedThick": "eager.vmdk", "preallocated": "lazy.vmdk"} {
		s.done(manager.CreateVirtualDisk(s.ctx, "[old] "+file, s.dc, &types.FileBackedVirtualDiskSpec{
			VirtualDiskSpec: types.VirtualDiskSpec{AdapterType: "lsiLogic", DiskType: kind}, CapacityKb: 7 << 20,
		}))
		if info := must(manager.QueryVirtualDiskInfo(s.ctx, "[old] "+file, s.dc, false)); info[0].DiskType != kind {
			t.Errorf("%s is reported as %s", kind, info[0].DiskType)
		}
		spec := types.HostDatastoreBrowserSearchSpec{
			Query: []types.BaseFileQuery{&types.VmDiskFileQuery{}}, MatchPattern: []string{file},
			Details: &types.FileQueryFlags{FileType: true, FileSize: true},
		}
		browser := must(must(s.find.Datastore(s.ctx, "old")).Browser(s.ctx))
		found := s.done(browser.SearchDatastore(s.ctx, "[old]", &spec)).(types.HostDatastoreBrowserSearchResults)
		if disk := found.File[0].(*types.VmDiskFileInfo); disk.CapacityKb != 7<<20 || *disk.Thin != (kind == "thin") {
			t.Errorf("%s: %+v", file, disk)
		}
	}
}
