package io.relaunchguard.statemachine.page;

import static org.springframework.web.servlet.function.RequestPredicates.methods;
import static org.springframework.web.servlet.function.RequestPredicates.path;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.web.servlet.function.RequestPredicate;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * The page that shows the lifecycle: its files and its data, below {@link #PATH}. It shows processes, hosts and paths.
 * So each of its routes refuses what a {@link LoopbackOnlyFilter} refuses, wherever the application has mapped the
 * routes. Thread-safe.
 */
public final class PageRoutes {

    /** The path of the page. */
    public static final String PATH = "/relaunch-guard/";

    /** The path pattern that covers all of the page, in the syntax of a servlet filter. */
    public static final String FILTER_PATTERN = PATH + "*";

    // Mermaid writes style elements and attributes into what it draws.
    private static final String CONTENT_SECURITY_POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
                    + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static final String WEBJAR = "META-INF/maven/org.webjars.npm/mermaid/pom.properties";

    private final PageData data;

    /** Creates a page that shows this data. */
    public PageRoutes(PageData data) {
        this.data = data;
    }

    /** Returns the routes: the page, its files, and its data. */
    public RouterFunction<ServerResponse> routes() {
        return RouterFunctions.route()
                .route(reads(PATH.substring(0, PATH.length() - 1)), PageRoutes::toPage)
                .route(reads(PATH), request -> file("index.html", "text/html;charset=UTF-8"))
                .route(reads(PATH + "page.css"), request -> file("page.css", "text/css;charset=UTF-8"))
                .route(reads(PATH + "page.js"), request -> file("page.js", "text/javascript;charset=UTF-8"))
                .route(reads(PATH + "icon.svg"), request -> file("icon.svg", "image/svg+xml"))
                .route(reads(PATH + "mermaid.js"), request -> mermaid())
                .route(reads(PATH + "lifecycle"), request -> json(PageJson.ofLifecycle()))
                .route(reads(PATH + "data"), request -> json(PageJson.of(data.read())))
                .filter((request, next) -> {
                    Optional<LoopbackOnlyFilter.Refusal> refusal = LoopbackOnlyFilter.refusal(request.servletRequest());
                    return refusal.isPresent() ? refused(refusal.get()) : next.handle(request);
                })
                .build();
    }

    private static ServerResponse refused(LoopbackOnlyFilter.Refusal refusal) {
        return ServerResponse.status(refusal.status()).build((request, response) -> {
            refusal.writeTo(response);
            return null;
        });
    }

    private static RequestPredicate reads(String path) {
        return methods(HttpMethod.GET, HttpMethod.HEAD).and(path(path));
    }

    /** Redirects to the page. Its own links are relative: without the last slash they would lead elsewhere. */
    private static ServerResponse toPage(ServerRequest request) {
        return ServerResponse.temporaryRedirect(URI.create(request.requestPath().value() + "/"))
                .build();
    }

    private static ServerResponse json(String text) {
        return response("application/json", text.getBytes(StandardCharsets.UTF_8));
    }

    private static ServerResponse file(String name, String type) {
        byte[] content = resource(PageRoutes.class.getPackageName().replace('.', '/') + "/" + name);
        if (content == null) {
            throw new IllegalStateException("the page's file %s is missing".formatted(name));
        }
        return response(type, content);
    }

    /** Returns Mermaid from its WebJar. Without it, the page lists the transitions instead of drawing them. */
    private static ServerResponse mermaid() {
        byte[] properties = resource(WEBJAR);
        byte[] script = properties == null
                ? null
                : resource("META-INF/resources/webjars/mermaid/%s/dist/mermaid.min.js".formatted(version(properties)));
        return script == null ? ServerResponse.notFound().build() : response("text/javascript;charset=UTF-8", script);
    }

    private static String version(byte[] properties) {
        Properties read = new Properties();
        try (InputStream in = new ByteArrayInputStream(properties)) {
            read.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return read.getProperty("version", "");
    }

    private static byte @Nullable [] resource(String name) {
        try (InputStream in = PageRoutes.class.getClassLoader().getResourceAsStream(name)) {
            return in == null ? null : in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a response that needs no message converters, because an application may have replaced them. */
    private static ServerResponse response(String type, byte[] content) {
        return ServerResponse.ok()
                .header("Content-Type", type)
                .header("Content-Security-Policy", CONTENT_SECURITY_POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .header("Cross-Origin-Resource-Policy", "same-origin")
                .header("Cross-Origin-Opener-Policy", "same-origin")
                .header("Cache-Control", "no-store")
                .build((request, response) -> {
                    response.setContentLength(content.length);
                    response.getOutputStream().write(content);
                    return null;
                });
    }
}
