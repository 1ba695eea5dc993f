package main

import (
	"strings"
	"testing"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

func TestHostsAndDatastoresAreOfTheVersionsThatTheInventorySays(t *testing.T) {
	described := strings.Replace(campus, "{name: esx-2", "{version: 7.0.3, name: esx-2", 1)
	described = strings.Replace(described, "local: true,", "local: true, vmfs: \"5.81\",", 1)
	if strings.Count(described, "7.0.3") != 1 || strings.Count(described, "5.81") != 1 {
		t.Fatal("the inventory is not as this test takes it to be")
	}
	s := start(t, described)
	versions := map[string]int{}
	for _, host := range must(s.find.HostSystemList(s.ctx, "*")) {
		var read mo.HostSystem
		if err := host.Properties(s.ctx, host.Reference(), []string{"summary.config.product"}, &read); err != nil {
			t.Fatal(err)
		}
		versions[read.Summary.Config.Product.Version]++
	}
	if len(versions) != 2 || versions["7.0.3"] != 1 {
		t.Errorf("hosts are of the versions %v", versions)
	}
	vmfs := map[string]int{}
	for _, store := range must(s.find.DatastoreList(s.ctx, "*")) {
		var read mo.Datastore
		if err := store.Properties(s.ctx, store.Reference(), []string{"info"}, &read); err != nil {
			t.Fatal(err)
		}
		if info, ok := read.Info.(*types.VmfsDatastoreInfo); ok {
			vmfs[info.Vmfs.Version]++
		}
	}
	if vmfs["5.81"] != 1 {
		t.Errorf("datastores are of VMFS %v", vmfs)
	}
}
