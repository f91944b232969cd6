package io.relaunchguard.statemachine.engine;

/** Forces the holder to end and waits for the exit to be seen: the kernel's word on the signal proves nothing. */
final class Kill implements HolderExitStage {

    @Override
    public void enter(Launch launch) {
        launch.waitAtMost(launch.policy().killConfirmation());
        launch.forceHolderExit();
        changed(launch);
    }
}
