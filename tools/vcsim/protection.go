package main

import (
	"github.com/vmware/govmomi/simulator"
	"github.com/vmware/govmomi/vim25/types"
)

// protect keeps what a cluster is told of HA's answer to lost storage, which the simulator drops; it does not act on it.
func (v *VCenter) protect(ctx *simulator.Context, method *simulator.Method) {
	req, ok := method.Body.(*types.ReconfigureComputeResource_Task)
	if !ok {
		return
	}
	spec, ok := req.Spec.(*types.ClusterConfigSpecEx)
	cluster, known := ctx.Map.Get(method.This).(*simulator.ClusterComputeResource)
	if !ok || !known || spec.DasConfig == nil || spec.DasConfig.VmComponentProtecting == "" {
		return
	}
	ctx.WithLock(cluster, func() {
		if config, ok := cluster.ConfigurationEx.(*types.ClusterConfigInfoEx); ok {
			config.DasConfig.VmComponentProtecting = spec.DasConfig.VmComponentProtecting
		}
	})
}
