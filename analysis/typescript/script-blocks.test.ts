import { describe, expect, it } from 'vitest';
import { extractScripts } from './script-blocks.ts';

describe('extractScripts', () => {
  it('keeps scripts in their places', () => {
    const text =
      '<template>a</template>\r\n<script>\r\nlet a\r\n</script>\n<SCRIPT setup>b()</SCRIPT >\n<style>c</style>';
    const { text: masked, dialect } = extractScripts(text);
    expect(masked.length).toBe(text.length);
    expect(masked.split(/\s+/).filter(Boolean)).toEqual(['let', 'a', 'b()']);
    for (const code of ['let a', 'b()']) expect(masked.indexOf(code)).toBe(text.indexOf(code));
    expect(masked.match(/\r?\n/g)).toEqual(text.match(/\r?\n/g));
    expect(dialect).toBe('js');
  });

  it.each([
    ['<script lang="ts">a</script>', 'a', 'ts'],
    ["<script setup lang='tsx'>a</script>", 'a', 'tsx'],
    ['<script lang=ts generic="T extends A<B>">a</script>', 'a', 'ts'],
    ['<script context="module" lang="ts">a</script><script>b</script>', 'a b', 'ts'],
    ['<script type="module">a</script>', 'a', 'js'],
    ['<script type="application/ld+json">{}</script>', '', 'js'],
    ['<script lang="coffee">a</script>', '', 'js'],
    ['<!-- <script>a</script> --><script>b</script>', 'b', 'js'],
    ['<script-like>a</script-like>', '', 'js'],
    ['<script>a', 'a', 'js'],
    ['<script lang="ts', '', 'js'],
    ['<script>"</div>"</script>', '"</div>"', 'js'],
  ])('%s', (text, code, dialect) => {
    const scripts = extractScripts(text);
    expect(scripts.text.trim().replace(/\s+/g, ' ')).toBe(code);
    expect(scripts.dialect).toBe(dialect);
  });

  it('takes time in proportion to the text', () => {
    for (const unit of ['<script ', '<script "', '<!--', '<script>', '<script lang=']) {
      const text = unit.repeat(100_000);
      expect(extractScripts(text).text.length).toBe(text.length);
    }
  });
});
