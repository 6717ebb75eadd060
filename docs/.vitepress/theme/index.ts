/** The default theme, but what few can read. */
import theme from 'vitepress/theme';
import './readable.css';

export default theme;
