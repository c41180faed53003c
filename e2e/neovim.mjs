export async function testNeovim() {
  return 0;
}
