package io.relaunchguard.it.crash;

import io.relaunchguard.core.Observation;
import io.relaunchguard.core.Watch;
import io.relaunchguard.core.launch.LaunchListener;
import io.relaunchguard.core.launch.LaunchLock;
import io.relaunchguard.core.launch.ProfilePorts;
import io.relaunchguard.core.lifecycle.LifecycleState;
import io.relaunchguard.core.lifecycle.LifecycleTable;
import io.relaunchguard.core.process.PinnedProcess;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;

/**
 * The real ports, with everything that they give out, and somebody who is told before and after the effect of each call.
 * Reading a clock, the number of a pin, or the name of a file is no call to tell of: it touches nothing. Waiting on a clock is. Time is steady, and
 * nobody but the launch changes its lock, so that the calls are the same each time.
 */
final class ObservedPorts implements LaunchListener {

    private static final Set<String> UNTOLD = Set.of(
            "clock.nanoTime",
            "clock.now",
            "clock.sinceBoot",
            "pinnedprocess.pid",
            "lock.file",
            "instances.file",
            "launchLock.obstacle");

    /** Told on the thread that calls. */
    @FunctionalInterface
    interface Observer {
        void reached(CallPoint point, CallPoint.Moment moment);
    }

    private final SteadyTime time = new SteadyTime();
    private final Observer observer;
    private final Map<CallPoint, Integer> calls = new HashMap<>();
    private LifecycleState state = LifecycleTable.INITIAL;

    ObservedPorts(Observer observer) {
        this.observer = observer;
    }

    /** The same ports, observed. */
    ProfilePorts of(ProfilePorts ports) throws ReflectiveOperationException {
        RecordComponent[] components = ProfilePorts.class.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            Object value = components[i].getAccessor().invoke(ports);
            values[i] = value instanceof Path ? value : proxy(components[i].getType(), components[i].getName(), value);
        }
        return ProfilePorts.class
                .getDeclaredConstructor(
                        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new))
                .newInstance(values);
    }

    @Override
    public void entered(LifecycleState entered) {
        CallPoint entry;
        synchronized (this) {
            state = entered;
            entry = numbered(CallPoint.ENTRY);
        }
        observer.reached(entry, CallPoint.Moment.BEFORE);
    }

    private Object proxy(Class<?> type, String name, Object target) {
        return Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> switch (method.getName()) {
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "toString" -> name + " of " + target;
                    default -> call(name + "." + method.getName(), target, method, arguments);
                });
    }

    private Object call(String name, Object target, Method method, Object[] arguments) throws Throwable {
        try {
            if (name.equals("clock.nanoTime")) {
                return time.nanoTime();
            }
            if (UNTOLD.contains(name)) {
                return method.invoke(target, arguments);
            }
            CallPoint point;
            synchronized (this) {
                point = numbered(name);
            }
            observer.reached(point, CallPoint.Moment.BEFORE);
            Object result = invoke(name, target, method, arguments);
            observer.reached(point, CallPoint.Moment.AFTER);
            if (name.equals("pinnedprocess.forceExit")) {
                SteadyTime.awaitExit((PinnedProcess) target);
            }
            return observed(result);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    @SuppressWarnings("unchecked") // the types of a method's parameters are those of its arguments
    private Object invoke(String name, Object target, Method method, Object[] arguments) throws Throwable {
        return switch (name) {
            case "clock.poll" -> time.poll((BlockingQueue<Object>) arguments[0], (Long) arguments[1]);
            case "launchLock.request" -> method.invoke(target, time.answer(observing((Consumer<Object>) arguments[0])));
            case "pinnedprocess.onExit" ->
                method.invoke(target, time.exit((PinnedProcess) target, (Runnable) arguments[0]));
            case "lock.watch" -> method.invoke(target, (Runnable) () -> {});
            default -> method.invoke(target, arguments);
        };
    }

    private CallPoint numbered(String call) {
        return new CallPoint(state, call, calls.merge(new CallPoint(state, call, 0), 1, Integer::sum));
    }

    /** What a callback is given is observed too. */
    private Consumer<Object> observing(Consumer<Object> consumer) {
        return value -> consumer.accept(observed(value));
    }

    private Object observed(Object result) {
        if (result instanceof Observation<?> observation) {
            return observation.map(this::observed);
        }
        if (result instanceof List<?> list) {
            return list.stream().map(this::observed).toList();
        }
        for (Class<?> type : List.of(PinnedProcess.class, LaunchLock.Hold.class, Watch.class)) {
            if (type.isInstance(result)) {
                return proxy(type, type.getSimpleName().toLowerCase(Locale.ROOT), result);
            }
        }
        return result;
    }
}
