package io.relaunchguard.statemachine.world;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.process.ExecutionState;
import io.relaunchguard.core.process.Lineage;
import java.util.ArrayList;
import java.util.List;

/**
 * A process of the {@link World}: the thing itself, whatever becomes of its pid. Its habits are plain fields, set before
 * the launch.
 */
public final class WorldProcess {

    public final long pid;
    public final String start;
    public Observation<String> user = Observation.seen(World.USER);
    public Observation<String> namespace = Observation.seen(World.NAMESPACE);
    public ExecutionState state = ExecutionState.RUNNING;
    /** Its parent; null for init's children. */
    public WorldProcess parent;

    /** Whether the operating system lets it be pinned. */
    public boolean pinnable = true;

    /** Whether its parent leaves it a zombie when it exits. */
    public boolean staysZombie;

    public boolean ignoresTerm;
    /** In an uninterruptible wait that never ends: not even force ends it. */
    public boolean unkillable;
    /** The kernel refuses signals to it. */
    public boolean refusesSignals;

    public long millisFromTermToExit;
    public boolean removesLockWhenAsked;
    /** Uses half a processor. */
    public boolean works;

    /** Whether it is in the session of what it descends from. */
    public boolean sharesSession;

    public boolean hasFilesOpen;
    /** Whether it is not there for this observer: it is of a sandbox beside this one. */
    public boolean hidden;
    /** Whether this observer is told that it is there, and nothing more, as where processes are hidden. */
    public boolean denied;
    /** Whether the launcher's relation to it can be told. */
    public boolean lineageKnown = true;

    /** Whether it never made a lock, whatever its pid: an accident gave it the number. */
    public boolean innocent;

    /** Whether a launcher has let it come to the front. */
    public boolean mayBeInFront;

    /** Whether it wrote a consent marker, ever. */
    public boolean consented;

    /** Its user when the world's time last passed. */
    public Observation<String> userWhenTimeLastPassed = user;

    final List<WorldPin> pins = new ArrayList<>();
    boolean reaped;
    boolean termPending;

    WorldProcess(long pid, String start) {
        this.pid = pid;
        this.start = start;
    }

    public boolean isAlive() {
        return state != ExecutionState.EXITED;
    }

    public boolean descendsFrom(WorldProcess other) {
        for (WorldProcess at = parent; at != null; at = at.parent) {
            if (at == other) {
                return true;
            }
        }
        return false;
    }

    Observation<Lineage> lineageTo(WorldProcess launcher) {
        if (!lineageKnown) {
            return Observation.unknown("the line of process %d cannot be read".formatted(pid));
        }
        if (this == launcher) {
            return Observation.seen(Lineage.SELF);
        }
        if (descendsFrom(launcher)) {
            return Observation.seen(Lineage.DESCENDANT);
        }
        return Observation.seen(launcher.descendsFrom(this) ? Lineage.ANCESTOR : Lineage.UNRELATED);
    }

    @Override
    public String toString() {
        return pid + "/" + start + " " + state + " " + user.hashCode() + (reaped ? " reaped" : "")
                + (consented ? " consented" : "") + (hidden ? " hidden" : "")
                + (denied ? " denied" : "");
    }
}
