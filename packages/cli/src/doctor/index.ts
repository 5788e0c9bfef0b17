export { addDoctorCommand } from "./doctor-command.ts";
