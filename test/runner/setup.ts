import { usePlainUrls } from "./plain-urls.ts";
import { seedProperties } from "./seed-properties.ts";

usePlainUrls();
seedProperties();
