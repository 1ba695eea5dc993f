package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/vmware/govmomi/object"
	"github.com/vmware/govmomi/vim25/types"
)

func TestFolderThatIsThereIsToldAsTheProviderExpects(t *testing.T) {
	s := start(t, campus)
	manager := object.NewFileManager(s.client.Client)
	if err := manager.MakeDirectory(s.ctx, "[old] mail/kept", s.dc, true); err != nil {
		t.Fatal(err)
	}
	err := manager.MakeDirectory(s.ctx, "[old] mail", s.dc, false)
	if f, ok := fault(t, err).(types.FileAlreadyExists); !ok {
		t.Errorf("got %T", f)
	}
	said := strings.TrimPrefix(err.Error(), "ServerFaultCode: ")
	if !strings.HasPrefix(said, "Cannot complete the operation because the file or folder") || !strings.HasSuffix(said, "already exists") {
		t.Errorf("said %q", said)
	}
}

func TestRoomFollowsFiles(t *testing.T) {
	s := start(t, campus)
	must(s.format(lunISCSI, "mail-iscsi"))
	disks, files := object.NewVirtualDiskManager(s.client.Client), object.NewFileManager(s.client.Client)
	s.done(disks.CreateVirtualDisk(s.ctx, "[mail-iscsi] mail.vmdk", s.dc, &types.FileBackedVirtualDiskSpec{
		VirtualDiskSpec: types.VirtualDiskSpec{AdapterType: "lsiLogic", DiskType: "thin"}, CapacityKb: 40 << 20,
	}))
	s.done(files.CopyDatastoreFile(s.ctx, "[mail-iscsi] mail.vmdk", s.dc, "[old] copy.vmdk", s.dc, false))
	s.free("old", 955)
	s.done(files.MoveDatastoreFile(s.ctx, "[mail-iscsi] mail.vmdk", s.dc, "[old] mail.vmdk", s.dc, false))
	s.free("mail-iscsi", 98)
	s.free("old", 915)
	s.done(files.MoveDatastoreFile(s.ctx, "[mail-iscsi] mail-flat.vmdk", s.dc, "[old] mail-flat.vmdk", s.dc, false))
	s.done(files.DeleteDatastoreFile(s.ctx, "[old] mail.vmdk", s.dc))
	s.free("old", 955)
	if got := s.files("old"); !slices.Equal(got, []string{"copy.vmdk"}) {
		t.Errorf("left: %v", got)
	}
	if _, fault := s.wait(files.DeleteDatastoreFile(s.ctx, "[old] none.iso", s.dc)); !is[*types.FileNotFound](fault) {
		t.Errorf("got %T", fault)
	}
}
